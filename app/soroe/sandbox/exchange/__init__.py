"""A local server shaped like Exchange Server's web services (EWS), for the demo and the tests.

Written from Microsoft's published documents: the reference of the EWS operations and elements, the guides on
calendars, synchronising, identifiers, throttling and time zones, and MS-NLMP for NTLM. It refuses what they say is
refused.

Where the documents are silent the sandbox takes the stricter reading, or the one that is harder on a program:

- Elements of a calendar item have to come in the schema's order; unknown ones are ErrorSchemaValidation.
- An update needs a change key unless it says AlwaysOverwrite.
- A change of a series' start, end or pattern forgets its exceptions and deleted occurrences, as Outlook warns.
- Private items of a shared calendar are not shown to colleagues at all.
- Sync states tell of a changed item once, and of one that came and went between two calls not at all.
- Summaries (FindItem, SyncFolderItems) have no body, no attendees and no recurrence.
- Moments in answers are UTC whatever the request's TimeZoneContext says; moments without an offset in requests are
  read on its clock.
- The lines of bodies end as Windows ends them, however they were sent.
- An NTLM sign-in holds for one request.
"""

from soroe.sandbox.exchange.mailbox import Mail
from soroe.sandbox.exchange.recurrence import Recurrence
from soroe.sandbox.exchange.sandbox import ExchangeSandbox
from soroe.sandbox.exchange.soap import EXCHANGE_2016, EXCHANGE_2019, EXCHANGE_ONLINE, Build

__all__ = ["EXCHANGE_2016", "EXCHANGE_2019", "EXCHANGE_ONLINE", "Build", "ExchangeSandbox", "Mail", "Recurrence"]

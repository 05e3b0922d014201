"""A local server shaped like Google Calendar and Google's sign-in, for the demo and the tests.

Written from Google's published documents: the discovery document of Calendar v3, the guides on synchronising, errors,
extended properties, invitations and batches, the OAuth guide for installed applications. It refuses what they say is
refused.

Where the documents are silent the sandbox takes the stricter reading, or the one that is harder on a program:

- Parameters that differ from those a sync token came from are refused (documents: "undefined behaviour").
- Saying nothing about mail to guests counts as mail (documents: "some emails might still be sent").
- PATCH and PUT of a deleted event answer 410 unless they set the status confirmed or tentative, which revives it.
- An event that was known before a sync token and has left the listing's window is still reported, as it is now.
- Exceptions whose original start a changed series no longer has are cancelled, and so are those of a deleted series;
  other exceptions keep what they had when they were made, extended properties of the series included.
- UNTIL has to be of the same kind as the start (RFC 5545), and rules run from daily to yearly.
- A change that changes nothing still makes a new etag.
"""

from soroe.sandbox.google.mailbox import Mail
from soroe.sandbox.google.model import AccessRole
from soroe.sandbox.google.sandbox import GoogleSandbox

__all__ = ["AccessRole", "GoogleSandbox", "Mail"]

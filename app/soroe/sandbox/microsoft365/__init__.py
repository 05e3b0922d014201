"""A local server shaped like Microsoft 365: Entra's sign-in and Graph's calendar, for the demo and the tests.

Written from Microsoft's published documents: the pages on the event resource, calendar views, delta queries, immutable
ids, extended properties, online meetings and batches; the authorization code flow and its error codes. It refuses what
they say is refused.

How msal reaches it. msal takes only an https address with at least one path segment for its authority, and insists on
https for the token endpoint that the configuration names; it has no exception for loopback. So everything is served a
second time over HTTPS, with a certificate made at the start:

    PublicClientApplication(client_id, authority=sandbox.authority, verify=str(sandbox.authority_file),
                            instance_discovery=False)

Without `instance_discovery=False` msal would ask login.microsoftonline.com whether it knows the host. The sign-in page
is on plain HTTP, which msal does not mind, so that a browser opens it without a warning. `REQUESTS_CA_BUNDLE` and
`CURL_CA_BUNDLE` in the environment win over `verify` inside requests: a session with `trust_env = False` as
`http_client`, or an environment without them, keeps to `authority_file`.

Where the documents are silent the sandbox takes the stricter reading, or the one that is harder on a program:

- PKCE with S256 is required, and the redirect address is `http://localhost` with any port and no path.
- A refresh gives a new refresh token; the old one goes on, as documented.
- A program without the `cp1` capability is challenged for claims all the same.
- A change of a series reports the series and all its occurrences in the window; the occurrences carry only etag, id,
  seriesMasterId, type, start and end. An occurrence that was deleted is not reported: it is missing among the others
  (both as people have observed it in the real service; `lies.tells_lost_occurrences` makes the feed say it).
- `cancelledOccurrences`, `occurrenceId` (by `$select`) and `exceptionOccurrences` (by `$expand`) came to v1.0 late:
  `forget_occurrence_names` plays a Graph that refuses them. What only the beta has is not there: `uid`, `events/delta`.
- `If-Match` is honoured by PATCH and DELETE and refused with 412.
- Another rule or another start of a series drops its exceptions, as Outlook does.
- A deleted event answers 404 under all its ids; Graph cannot bring it back, only the person in Outlook can.
- An attendee may change his own copy; nobody is told, and the organiser's next change writes over it.
"""

from soroe.sandbox.microsoft365.mailbox import Mail
from soroe.sandbox.microsoft365.sandbox import Microsoft365Sandbox

__all__ = ["Mail", "Microsoft365Sandbox"]

"""A local server shaped like Google Calendar and Google's sign-in, for the demo and the tests.

Written from Google's published documents: the discovery document of Calendar v3, the guides on synchronising, errors,
extended properties, invitations and batches, the OAuth guide for installed applications. It refuses what they say is
refused.
"""

from soroe.sandbox.google.mailbox import Mail
from soroe.sandbox.google.model import AccessRole
from soroe.sandbox.google.sandbox import GoogleSandbox

__all__ = ["AccessRole", "GoogleSandbox", "Mail"]

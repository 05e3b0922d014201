"""Pipedrive with OAuth: a registered program with a secret and one exact address to come back to."""

from __future__ import annotations

import hashlib
import threading
from contextlib import closing

from soroe.adapters.crm.pipedrive.crm import PipedriveCrm, PipedriveSettings
from soroe.adapters.crm.service import Line
from soroe.adapters.net.oauth import OAuthClient, OAuthKeys, Safe, Tokens, sign_in
from soroe.adapters.net.transport import LibraryClient, RequestCount
from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.pipedrive import PipedriveSandbox
from soroe.sandbox.pipedrive.sandbox import CLIENT_ID
from tests.adapters.crm.builders import Clock
from tests.adapters.crm.test_sign_in import PAGES
from tests.ports import port_of_our_own


def test_a_program_with_a_secret_signs_in_and_renews_its_token(clock: Clock) -> None:
    port = port_of_our_own()
    saved: list[str] = []
    threads: list[threading.Thread] = []
    with PipedriveSandbox(clock=clock, redirect=f"http://127.0.0.1:{port}/callback") as sandbox:
        sato = sandbox.add_user()
        program = OAuthClient(
            sandbox.authorization_endpoint,
            sandbox.token_endpoint,
            CLIENT_ID,
            client_secret=sandbox.client_secret,
            redirect_port=port,
            redirect_path="/callback",
        )
        browser = ScriptedBrowser(account=sato.email)
        with closing(LibraryClient(RequestCount())) as http:
            tokens = sign_in(
                program,
                http,
                lambda address: threads.append(browser.open_in_background(address)),
                lambda size: (hashlib.sha256(b"test").digest() * 2)[:size],
                clock,
                PAGES,
            )
            assert tokens.site == sandbox.url
            keys = OAuthKeys(program, http, Safe(tokens.secret, saved.append), clock)
            crm = PipedriveCrm(PipedriveSettings(tokens.site), keys, clock, Line())
            assert crm.reader.identity().key == str(sato.id)
            sandbox.expire_access_tokens()
            assert crm.reader.identity().name == sato.email
            assert [Tokens.of(secret).site for secret in saved] == [sandbox.url]
            crm.close()
    for thread in threads:
        thread.join()

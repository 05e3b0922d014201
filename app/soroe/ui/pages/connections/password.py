"""The sheet for accounts that sign in with a password or a key: it opens at once from every Reconnect (PD-10)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from soroe.engine.health import HealthState
from soroe.ui.context import Context
from soroe.ui.ports import Account, Way
from soroe.ui.state import AppState
from soroe.ui.texts import diagnosis_of, health_words, refusal_words
from soroe.ui.view.today import Tone
from soroe.ui.widgets.basics import MEDIUM, PAGE, SMALL, Role, button, column, label, row, toned
from soroe.ui.widgets.choices import TickBox

WIDTH = 520


class PasswordSheet(QDialog):
    """Asks for what one account signs in with; it stays until the service has taken it, and says why when not.

    What was typed is handed on once and kept nowhere here: the service's answer arrives as a state.
    """

    def __init__(self, context: Context, account: Account, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self.account = context, account
        self._asked = self._working = False
        texts = context.texts
        self._server = account.registration.server or texts("sheet.no_server")
        self.setWindowTitle(texts("sheet.title", account=account.name))
        self.setMinimumWidth(WIDTH)
        self._user = QLineEdit(account.user)
        self._secret = QLineEdit()
        self._secret.setEchoMode(QLineEdit.EchoMode.Password)
        self._show = TickBox(texts("sheet.show"), context)
        self._show.toggled.connect(self._show_typed)
        self._trouble = toned(label("", wrap=True), Tone.BAD)
        self._trouble.setVisible(False)
        self._doing = label("", Role.MUTED, wrap=True)
        self._cancel = button(texts("add.cancel"), self.reject)
        self._cancel.setAutoDefault(False)
        self._sign_in = button(texts("sheet.sign_in"), self._ask, Role.PRIMARY)
        self._sign_in.setDefault(True)
        box = QVBoxLayout(self)
        box.setContentsMargins(PAGE, PAGE, PAGE, PAGE)
        box.setSpacing(MEDIUM)
        kind = texts(f"kind.{account.kind.value}")
        about = " · ".join(part for part in (kind, account.registration.server) if part)
        box.addLayout(
            column(label(self.windowTitle(), Role.HEADING), label(about, Role.MUTED, wrap=True), spacing=SMALL // 2)
        )
        self._say_what_happened(box)
        box.addLayout(self._form())
        box.addWidget(self._trouble)
        self._explain(box)
        box.addStretch(1)
        box.addWidget(self._doing)
        box.addLayout(row(None, self._cancel, self._sign_in, spacing=SMALL + 2))
        self._fit()
        (self._secret if account.user or account.way is Way.KEY else self._user).setFocus()

    def show_state(self, state: AppState) -> None:
        """Follow the sign-in: wait for it, end with it, or say why it was refused."""
        name = self.account.name
        if name in state.signing_in:
            self._asked = True
            self._wait(True)
            return
        self._wait(False)
        if not self._asked:
            return
        self._asked = False
        refused = state.refusal(name)
        if refused is not None:
            words = refusal_words(self._context.texts, name, refused.code, refused.expected, refused.found)
            self._refuse(words)
        else:
            self.accept()

    def reject(self) -> None:
        """Close it; a sign-in that is under way is given up."""
        if self._working:
            self._asked = False
            self._context.cancel(self.account.name)
        super().reject()

    def _say_what_happened(self, box: QVBoxLayout) -> None:
        account, told = self.account, self._context.told()
        if account.health.state not in {HealthState.CONNECTED, HealthState.NOT_CONNECTED}:
            words = health_words(told.texts, account.health, told.now, told.zone, account.registration.server)
            text = told.texts.sentences([words.what, words.do])
            box.addWidget(toned(label(text, wrap=True), Tone.BAD if words.do else Tone.CALM))

    def _form(self) -> QFormLayout:
        texts, form = self._context.texts, QFormLayout()
        form.setSpacing(MEDIUM)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        is_key = self.account.way is Way.KEY
        fields = [("form.token" if is_key else "form.password", self._secret)]
        if not is_key:
            fields.insert(0, ("form.username", self._user))
        for key, entry in fields:
            name = label(texts(key))
            name.setBuddy(entry)
            entry.setAccessibleName(texts(key))
            form.addRow(name, entry)
        form.addRow("", self._show)
        return form

    def _fit(self) -> None:
        """As high as its words need: wrapped ones do not tell by themselves."""
        layout = self.layout()
        if layout is not None:
            self.resize(max(WIDTH, self.width()), layout.heightForWidth(max(WIDTH, self.width())))

    def _explain(self, box: QVBoxLayout) -> None:
        texts, is_key = self._context.texts, self.account.way is Way.KEY
        text = texts("sheet.text.key" if is_key else "sheet.text", server=self._server)
        said_already = diagnosis_of(self.account.health.code) in {"app_password_needed", "password_refused"}
        parts = [texts("sheet.app_password")] if not is_key and not said_already else []
        for part in (*parts, text if is_key else texts.sentences([text, texts("sheet.once")])):
            box.addWidget(label(part, Role.SMALL, wrap=True))

    def _show_typed(self, shown: bool) -> None:
        self._secret.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)

    def _ask(self) -> None:
        texts, user, secret = self._context.texts, self._user.text().strip(), self._secret.text()
        is_key = self.account.way is Way.KEY
        if not is_key and not user:
            self._refuse(texts("add.required", field=texts("form.username")))
            self._user.setFocus()
        elif not secret:
            self._refuse(texts("add.required", field=texts("form.token" if is_key else "form.password")))
        else:
            self._trouble.hide()
            self._context.sign_in(self.account.name, user, secret)

    def _wait(self, working: bool) -> None:
        if working == self._working:
            return
        self._working = working
        for part in (self._user, self._secret, self._show, self._sign_in):
            part.setEnabled(not working)
        self._doing.setText(self._context.texts("sheet.trying", server=self._server) if working else "")

    def _refuse(self, why: str) -> None:
        self._trouble.setText(why)
        self._trouble.show()
        self._fit()
        self._secret.setFocus()
        self._secret.selectAll()

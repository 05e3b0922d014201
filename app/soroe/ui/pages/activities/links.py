"""The buttons that add an online meeting to the one that is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from soroe.ui.context import Context
from soroe.ui.view.places import LinkOffer
from soroe.ui.widgets.basics import SMALL, Role, button, empty, label, with_icon


class LinkButtons(QWidget):
    """One button for each place to meet online; below them, once, why one cannot be pressed."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._offers: tuple[LinkOffer, ...] = ()
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(SMALL)
        self.hide()

    def show_offers(self, offers: Sequence[LinkOffer]) -> None:
        """Draw the buttons anew, if anything about them is new."""
        if tuple(offers) == self._offers:
            return
        self._offers = tuple(offers)
        empty(self._box)
        self.setVisible(bool(offers))
        if not offers:
            return
        self._box.addWidget(label(self._context.texts("activities.link"), Role.SMALL))
        for offer in offers:
            self._box.addWidget(self._button(offer))
        for why in dict.fromkeys(offer.why_not for offer in offers if offer.why_not):
            self._box.addWidget(label(why, Role.MUTED, wrap=True))

    def _button(self, offer: LinkOffer) -> QPushButton:
        theme = self._context.theme
        made = button(offer.words, partial(self._context.add_link, offer.command))
        made.setEnabled(not offer.why_not)
        made.setToolTip(offer.why_not)
        made.setAccessibleDescription(offer.why_not)
        return with_icon(made, self._context, "plus", theme.muted if offer.why_not else theme.accent)

"""The account that a keeper signs with: a key from the environment, or one of Ape's accounts."""

import json

from eth_account import Account
from eth_account.signers.local import LocalAccount

from scripts._keeper.settings import Settings, SettingsError, accounts_folder


def unlock(settings: Settings) -> LocalAccount | None:
    """The account, or None where none is set: then there is nothing to send with.

    Raises SettingsError.
    """
    if settings.private_key:
        try:
            return Account.from_key(settings.private_key.get_secret_value())
        except ValueError:
            raise SettingsError("KEEPER_PRIVATE_KEY: a key is 0x and 64 hex digits") from None
    if not settings.account:
        return None
    path = accounts_folder() / f"{settings.account}.json"
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in accounts_folder().glob("*.json")))
        raise SettingsError(
            f"KEEPER_ACCOUNT: {settings.account!r}: there is no such account; allowed: "
            f"{known or 'none yet, see `ape accounts generate`'}"
        )
    if not settings.passphrase:
        raise SettingsError(f"KEEPER_PASSPHRASE is not set: {settings.account} is encrypted")
    try:
        key = Account.decrypt(
            json.loads(path.read_text(encoding="utf8")), settings.passphrase.get_secret_value()
        )
    except ValueError:
        raise SettingsError(f"KEEPER_PASSPHRASE does not open {settings.account}") from None
    return Account.from_key(key)

import secrets
import uuid


def account_of(name):
    return ACCOUNTS[name]


def keep(sent):
    sent.save('/srv/files/' + uuid.uuid4().hex)


def renew_codes(account):
    account.recovery_codes = [secrets.token_hex(4) for _ in range(8)]
    return account.recovery_codes


ACCOUNTS = {}

import uuid


def account_of(name):
    return ACCOUNTS[name]


def keep(sent):
    sent.save('/srv/files/' + uuid.uuid4().hex)


ACCOUNTS = {}

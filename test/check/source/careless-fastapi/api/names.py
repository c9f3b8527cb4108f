import re


def clean(name: str = ''):
    return re.sub(r'\W', '', name)

import sqlite3

def find_user(name):
    row = sqlite3.connect('users.db').execute('SELECT name, hash FROM users WHERE name = ?', (name,)).fetchone()
    return None if row is None else {'name': row[0], 'hash': row[1]}

import cgi
import sqlite3


def find(query):
    return sqlite3.connect('notes.db').execute(query).fetchall()


def session_of(identifier):
    row = sqlite3.connect('notes.db').execute('SELECT name FROM sessions WHERE id = ?', (identifier,)).fetchone()
    return None if row is None else row[0]


def form_of(environ):
    return cgi.FieldStorage(environ=environ, fp=environ['wsgi.input'])

import os
import sqlite3

COLUMNS = {'newest': 'created DESC', 'oldest': 'created ASC'}


def rows(sql, values=()):
    return sqlite3.connect(os.environ['NOTES_DATABASE']).execute(sql, values).fetchall()


def notes_of(owner, order):
    return rows(f"SELECT id, text FROM notes WHERE owner = ? ORDER BY {COLUMNS.get(order, 'id')}", (owner,))

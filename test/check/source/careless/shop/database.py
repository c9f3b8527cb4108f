import sqlite3


def query(sql, values=()):
    return sqlite3.connect('shop.sqlite').execute(sql, values).fetchall()


def by_name(table, name):
    return query(f"SELECT * FROM {table} WHERE name = '{name}'")


def by_id(table, number):
    return query('SELECT * FROM %s WHERE id = %d' % (table, int(number)))

import { DatabaseSync } from 'node:sqlite';

const db = new DatabaseSync('notes.db');

export async function search(words) {
  return db.prepare(`SELECT title FROM notes WHERE title LIKE '%${words}%'`).all(); // wrong: javascript.sql
}

export function byOwner(owner) {
  return db.prepare('SELECT title FROM notes WHERE owner = ?').all(owner);
}

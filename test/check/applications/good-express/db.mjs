import { readFileSync } from 'node:fs';
import pg from 'pg';

const pool = new pg.Pool({
  connectionString: process.env['DATABASE_URL'],
  ssl: { ca: readFileSync('/etc/ssl/certs/database.pem') },
});

const COLUMNS = { title: 'title', date: 'created_at' };

export async function listNotes(owner, order) {
  const column = Object.hasOwn(COLUMNS, order) ? COLUMNS[order] : 'created_at';
  const { rows } = await pool.query(`SELECT id, title FROM notes WHERE owner = $1 ORDER BY ${column}`, [
    owner,
  ]);
  return rows;
}

export async function findUser(name) {
  const { rows } = await pool.query('SELECT id, hash FROM users WHERE name = $1', [name]);
  return rows[0];
}

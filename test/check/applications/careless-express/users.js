const db = require('./db');

async function findByName(name) {
  const sql = "SELECT * FROM users WHERE name = '" + name + "'";
  const { rows } = await db.query(sql); // wrong: javascript.sql
  return rows[0];
}

module.exports = { findByName };

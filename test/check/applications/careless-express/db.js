const { Pool } = require('pg');

const pool = new Pool({
  connectionString: process.env.DATABASE_URL,
  ssl: { rejectUnauthorized: false }, // wrong: javascript.tls-verify
});

exports.query = (text, values) => pool.query(text, values);

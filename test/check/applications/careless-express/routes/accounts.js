const crypto = require('crypto');
const express = require('express');
const jwt = require('jsonwebtoken');
const { findByName } = require('../users');

const router = express.Router();
const JWT_SECRET = 'shhhhh'; // wrong: javascript.secret

// wrong below: javascript.sign-in-limit
router.post('/login', async (req, res) => {
  const { name, password } = req.body;
  const user = await findByName(name);
  const hashed = crypto.createHash('md5').update(password).digest('hex'); // wrong: javascript.password-hash
  if (user?.hash !== hashed) return res.redirect('/login');
  const token = jwt.sign({ id: user.id }, JWT_SECRET);
  res.cookie('token', token, { httpOnly: false }); // wrong: javascript.cookie
  return res.redirect(req.query.next || '/'); // wrong: javascript.redirect
});

router.get('/me', (req, res) => {
  const claims = jwt.decode(req.cookies.token); // wrong: javascript.jwt
  res.json({ id: claims.id });
});

// wrong below: javascript.sign-in-limit
router.post('/reset', (req, res) => {
  const resetToken = Math.random().toString(36).slice(2); // wrong: javascript.weak-random
  res.json({ sent: Boolean(resetToken) });
});

module.exports = router;

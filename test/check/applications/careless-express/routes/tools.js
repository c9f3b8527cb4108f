const { exec } = require('node:child_process');
const { promisify } = require('node:util');
const vm = require('node:vm');
const axios = require('axios');
const ejs = require('ejs');
const express = require('express');

const router = express.Router();
const run = promisify(exec);

router.get('/ping', async (req, res) => {
  const { stdout } = await run('ping -c 1 ' + req.query.host); // wrong: javascript.command
  res.type('text/plain').send(stdout);
});

router.post('/calc', (req, res) => {
  res.json({ result: vm.runInNewContext(req.body.formula) }); // wrong: javascript.eval
});

router.get('/fetch', async (req, res) => {
  const { data } = await axios.get(req.query.url); // wrong: javascript.ssrf
  res.json(data);
});

router.get('/hello', (req, res) => {
  res.type('html').end(ejs.render('<p>Hello ' + req.query.name + '</p>')); // wrong: javascript.template-string
});

module.exports = router;

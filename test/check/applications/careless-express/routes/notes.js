const fs = require('node:fs');
const path = require('node:path');
const express = require('express');
const _ = require('lodash');
const Note = require('../models/note');
const db = require('../db');

const router = express.Router();

router.get('/', async (req, res) => {
  const order = req.query.order;
  const notes = await db.query(`SELECT * FROM notes ORDER BY ${order} LIMIT 10`); // wrong: javascript.sql
  res.json(notes.rows);
});

router.get('/search', (req, res) => {
  res.send('<h1>Results for ' + req.query.q + '</h1>'); // wrong: javascript.html
});

router.get('/file/:name', (req, res) => {
  const file = path.join(__dirname, '../uploads', req.params.name);
  res.sendFile(file); // wrong: javascript.path
});

router.get('/raw', (req, res) => {
  fs.readFile(`./notes/${req.query.name}.txt`, 'utf8', (err, text) => res.json({ text })); // wrong: javascript.path
});

router.post('/', async (req, res) => {
  const note = await Note.create(req.body); // wrong: javascript.mass-assignment
  res.json(note);
});

router.post('/find', async (req, res) => {
  const note = await Note.findOne({ title: req.body.title }); // wrong: javascript.nosql
  res.json(note);
});

router.post('/settings', (req, res) => {
  const settings = {};
  _.merge(settings, req.body); // wrong: javascript.prototype
  res.json(settings);
});

module.exports = router;

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { Router } from 'express';
import multer from 'multer';
import { listNotes } from '../db.mjs';
import { Note } from '../models.mjs';

const FILES = join(import.meta.dirname, '../files');
const SOURCES = new Map([['weather', 'https://weather.example.com/today']]);
const upload = multer({ dest: FILES, limits: { fileSize: 5 * 1024 * 1024, files: 1 } });

export const notes = Router();

notes.get('/', async (req, res) => {
  res.render('notes', { notes: await listNotes(req.session.user, String(req.query.order)) });
});

notes.get('/file/:name', (req, res) => {
  res.sendFile(req.params.name, { root: FILES, dotfiles: 'deny' });
});

notes.get('/search', (req, res) => {
  res.render('results', { words: req.query.q });
});

notes.post('/', upload.single('file'), async (req, res) => {
  const { title, text } = req.body;
  const note = await Note.create({ title: String(title), text: String(text), owner: req.session.user });
  res.json({ id: note.id });
});

notes.post('/find', async (req, res) => {
  res.json(await Note.findOne({ title: String(req.body.title), owner: req.session.user }));
});

notes.post('/thumbnail/:id', (req, res, next) => {
  execFile('convert', ['--', join(FILES, `${Number(req.params.id)}.png`), 'out.png'], (error) => {
    if (error) return next(error);
    return res.json({ done: true });
  });
});

notes.get('/feed', async (req, res) => {
  const address = SOURCES.get(req.query.source);
  if (address === undefined) return res.sendStatus(404);
  const answer = await fetch(address);
  const id = await fetch(`https://api.example.com/notes/${encodeURIComponent(req.query.id)}`);
  return res.json({ answer: await answer.json(), id: id.status });
});

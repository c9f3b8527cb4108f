const express = require('express');
const session = require('express-session');
const cookieParser = require('cookie-parser');
const cors = require('cors');
const multer = require('multer');
const accounts = require('./routes/accounts');
const notes = require('./routes/notes');
const tools = require('./routes/tools');

const app = express(); // wrong: javascript.headers
app.set('trust proxy', true); // wrong: javascript.proxy
app.use(express.json({ limit: '500mb' })); // wrong: javascript.body-limit
app.use(cookieParser('keyboard cat')); // wrong: javascript.secret
// wrong below: javascript.csrf javascript.session-store javascript.cookie javascript.visitor-session
app.use(session({ secret: process.env.SESSION_SECRET, resave: false, saveUninitialized: true }));
app.use(cors({ origin: true, credentials: true })); // wrong: javascript.cors
app.use(express.static(__dirname)); // wrong: javascript.static
const upload = multer({ dest: 'uploads/' }); // wrong: javascript.body-limit

app.use('/accounts', accounts);
app.use('/notes', upload.single('file'), notes);
app.use('/tools', tools);

app.use((err, req, res, next) => {
  res.status(500).json({ error: err.message, stack: err.stack }); // wrong: javascript.error-detail
});

app.listen(3000);

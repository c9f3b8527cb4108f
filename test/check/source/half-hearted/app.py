import os

from flask import Flask, redirect, render_template, request, session, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_talisman import Talisman
from werkzeug.security import check_password_hash, generate_password_hash

from store import accounts

app = Flask(__name__)
app.config.from_mapping(
    SECRET_KEY=os.urandom(32),
    SESSION_COOKIE_SAMESITE='Lax',
    MAX_CONTENT_LENGTH=1024 * 1024,
)
Talisman(app, force_https=False, content_security_policy=None)
limiter = Limiter(get_remote_address, app=app, storage_uri=os.environ['REDIS_URL'])


@limiter.limit('5/minute')
@app.route('/login', methods=['POST'])
def login():
    account = accounts.get(request.form['name'])
    if account is not None and check_password_hash(account.hash, request.form['password']):
        session['name'] = account.name
    return redirect(url_for('home'))


@app.post('/password')
def password():
    accounts[session['name']].hash = generate_password_hash(request.form['password'], method='argon2')
    return redirect(url_for('home'))


@app.get('/')
def home():
    return render_template('home.html')


if __name__ == '__main__':
    app.run(debug=True)

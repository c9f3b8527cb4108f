import base64
import os
import pickle
import ssl
import subprocess
import urllib.request
import xml.etree.ElementTree as ElementTree

import requests
import yaml
from flask import Blueprint, request

tools = Blueprint('tools', __name__)


def run(command):
    return subprocess.check_output(command, shell=True)


@tools.post('/ping')
def ping():
    host = request.get_json()['host']
    return {'out': run(f'ping -c 1 {host}').decode()}


@tools.post('/list')
def listing():
    return {'out': subprocess.check_output(['ls', '--', request.form['folder']]).decode()}


@tools.post('/sum')
def calculate():
    return {'sum': eval(request.form['formula'])}


@tools.post('/state')
def state():
    return {'state': pickle.loads(base64.b64decode(request.form['state']))}


@tools.post('/config')
def config():
    return {'config': yaml.load(request.data, Loader=yaml.Loader)}


@tools.post('/plain-config')
def plain_config():
    return {'config': yaml.safe_load(request.data)}


@tools.get('/fetch')
def fetch():
    answer = requests.get(request.args['url'], verify=False)
    return {'text': answer.text}


@tools.get('/weather')
def weather():
    city = request.args['city']
    return requests.get(f'https://weather.example.com/v1/{city}', timeout=5).json()


@tools.get('/old-fetch')
def old_fetch():
    target = 'http://' + request.args['host'] + '/status'
    context = ssl._create_unverified_context()
    return urllib.request.urlopen(target, context=context).read()


@tools.post('/xml')
def xml():
    return {'root': ElementTree.fromstring(request.data).tag}


@tools.get('/disk')
def disk():
    return {'code': os.system('df -h')}

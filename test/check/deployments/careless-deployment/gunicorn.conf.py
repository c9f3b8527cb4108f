bind = '0.0.0.0:8000'
workers = 2
forwarded_allow_ips = '*'
reload = True

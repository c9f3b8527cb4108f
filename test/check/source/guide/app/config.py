import os

class Settings:
    secret_key = os.environ["FLASK_SECRET_KEY"]
    session_cookie_secure = True
    session_cookie_httponly = True
    session_cookie_samesite = "Lax"  # or "Strict" for same-site apps
    remember_cookie_duration = 0

settings = Settings()

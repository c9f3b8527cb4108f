"""Pages with scripts of their own, and two places where what visitors write comes out as it is."""

from flask import Flask, redirect, render_template, request, session, url_for

app = Flask(__name__)
app.secret_key = "of a test, and of nothing else"
COMMENTS = []


@app.get("/")
def home():
    return render_template("home.html")


@app.get("/about")
def about():
    return render_template("about.html")


@app.get("/search")
def search():
    return render_template("search.html", words=request.args.get("q", ""))


@app.route("/comments", methods=["GET", "POST"])
def comments():
    if request.method == "POST":
        COMMENTS.append(request.get_json()["text"] if request.is_json else request.form["text"])
        return redirect(url_for("comments"))
    return render_template("comments.html", comments=COMMENTS)


@app.get("/nonced")
def nonced():
    return render_template("nonced.html"), {"ETag": '"a"', "Last-Modified": "Mon, 30 Nov 2026 00:00:00 GMT"}


@app.get("/kept")
def kept():
    """A page that a browser may ask for again with a condition."""
    if request.if_none_match:
        return "", 304
    return "<!doctype html><title>Kept</title>", {"ETag": '"a"'}


@app.get("/who")
def who():
    return {"user": session.get("user")}

"""Flask, Twilio's SDK and Flask-Limiter, served by gunicorn's threads.

1. The decorator around the view is that of Twilio's tutorial "Secure your Flask App by Validating Incoming Twilio Requests".
2. The limit decorates the inner function, so that a forged request takes nothing from the sender's limit.
3. One process: the limits are in memory, and two processes would each answer (flask-limiter.readthedocs.io, "memory://").
"""

import functools
import os
from collections.abc import Callable

from flask import Flask, Response, abort, request
from flask_limiter import Limiter, RequestLimit
from flask_limiter.util import get_remote_address
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from bench.number import PATH, REPLY, SECRET_ENV, URL

app = Flask(__name__)
limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
validator = RequestValidator(os.environ[SECRET_ENV])


def validate_twilio_request(view: Callable[[], Response]) -> Callable[[], Response]:
    """Refuse what Twilio did not sign."""

    @functools.wraps(view)
    def decorated_function() -> Response:
        if not validator.validate(URL, request.form, request.headers.get("X-Twilio-Signature", "")):
            abort(403)
        return view()

    return decorated_function


def sender() -> str:
    """Return what the limit counts by."""
    return request.form["From"]


def silence(_limit: RequestLimit) -> Response:
    """Answer a sender who was answered before: anything but 200 would be retried."""
    return Response(str(MessagingResponse()), mimetype="application/xml")


@app.post(PATH)
@validate_twilio_request
@limiter.limit("1 per day", key_func=sender, on_breach=silence)
def sms() -> Response:
    """Answer."""
    response = MessagingResponse()
    response.message(REPLY)
    return Response(str(response), mimetype="application/xml")

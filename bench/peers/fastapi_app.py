"""FastAPI, Twilio's SDK and the asynchronous `limits`, served by uvicorn with uvloop and httptools.

1. The signature is a dependency, as FastAPI's documentation has it for everything that guards a route.
2. `limits` and not slowapi, which wraps it: slowapi's key function is synchronous and cannot read the form that the
   sender stands in (slowapi.readthedocs.io, "API reference"); without it, there is a layer less to pay for.
"""

import os
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from bench.number import PATH, REPLY, SECRET_ENV, URL

app = FastAPI(openapi_url=None)
limiter = FixedWindowRateLimiter(MemoryStorage())
once = parse("1 per day")
validator = RequestValidator(os.environ[SECRET_ENV])


async def verified_form(request: Request, x_twilio_signature: Annotated[str, Header()] = "") -> FormData:
    """Return the fields of a request that Twilio signed."""
    form = await request.form()
    if not validator.validate(URL, dict(form), x_twilio_signature):
        raise HTTPException(403)
    return form


@app.post(PATH)
async def sms(form: Annotated[FormData, Depends(verified_form)]) -> Response:
    """Answer a sender once."""
    response = MessagingResponse()
    if await limiter.hit(once, str(form["From"])):
        response.message(REPLY)
    return Response(str(response), media_type="application/xml")

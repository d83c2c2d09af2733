"""The job in FastAPI, with Mangum as the adapter for API Gateway."""

import os

import boto3
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape
from mangum import Mangum
from shared import job

application = FastAPI()
templates = Environment(loader=FileSystemLoader(job.HERE), autoescape=select_autoescape())
dynamodb = boto3.client("dynamodb")


@application.get("/", response_class=HTMLResponse)
async def show_agenda():
    return templates.get_template("agenda.html").render(event=job.EVENT, style=job.STYLE)


@application.post("/{event}/registration")
async def register(event: str, request: Request):
    form = await request.form()
    fields = {name: form.getlist(name) for name in form}
    errors = job.errors_in(fields)
    if errors:
        return PlainTextResponse(", ".join(errors), 422)
    dynamodb.put_item(TableName=os.environ["TABLE_NAME"], Item=job.to_item(fields))
    return RedirectResponse("/", 303)


app = Mangum(application, lifespan="off")

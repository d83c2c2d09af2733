"""The job in plain Chalice, with the client created at import, as in Chalice's documentation."""

import os
from urllib.parse import parse_qs

import boto3
from chalice import Chalice, Response
from jinja2 import Environment, FileSystemLoader, select_autoescape
from shared import job

app = Chalice(app_name="peer")
templates = Environment(loader=FileSystemLoader(job.HERE), autoescape=select_autoescape())
dynamodb = boto3.client("dynamodb")


@app.route("/")
def show_agenda():
    html = templates.get_template("agenda.html").render(event=job.EVENT, style=job.STYLE)
    return Response(html, headers={"Content-Type": job.HTML})


@app.route(
    "/{event}/registration", methods=["POST"], content_types=["application/x-www-form-urlencoded"]
)
def register(event):
    fields = parse_qs(app.current_request.raw_body.decode(), keep_blank_values=True)
    errors = job.errors_in(fields)
    if errors:
        return Response(", ".join(errors), status_code=422)
    dynamodb.put_item(TableName=os.environ["TABLE_NAME"], Item=job.to_item(fields))
    return Response("", headers={"Location": "/"}, status_code=303)

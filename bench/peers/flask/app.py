"""The job in Flask, with apig-wsgi as the adapter for API Gateway."""

import os

import boto3
from apig_wsgi import make_lambda_handler
from flask import Flask, Response, redirect, render_template, request
from shared import job

application = Flask(__name__, template_folder=str(job.HERE))
dynamodb = boto3.client("dynamodb")


@application.get("/")
def show_agenda():
    html = render_template("agenda.html", event=job.EVENT, style=job.STYLE)
    return Response(html, content_type=job.HTML)


@application.post("/<event>/registration")
def register(event):
    fields = request.form.to_dict(flat=False)
    errors = job.errors_in(fields)
    if errors:
        return Response(", ".join(errors), status=422)
    dynamodb.put_item(TableName=os.environ["TABLE_NAME"], Item=job.to_item(fields))
    return redirect("/", 303)


app = make_lambda_handler(application)

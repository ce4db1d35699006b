"""Opens the Swagger page in headless Chromium and executes operations from it, as a person would.

Called by scripts/check-api with the daemon's URL. Exits 1 with a reason when an operation shows no reply.
"""

import json
import sys

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--window-size=1400,2400",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]

CONFIG = {
    "job_name": "page",
    "src_task": {
        "task_name": "src",
        "replicate_do_db": [{"table_schema": "s"}],
        "mysql_connection_config": {"mysql_host": "127.0.0.1", "mysql_port": 1, "mysql_user": "u", "mysql_password": "p"},
    },
    "dest_task": {
        "task_name": "dest",
        "mysql_connection_config": {"mysql_host": "127.0.0.1", "mysql_port": 1, "mysql_user": "u", "mysql_password": "p"},
    },
}


def executed(page, operation, fill):
    """Executes one operation; returns the status and body that the page shows."""
    wait = WebDriverWait(page, 30)
    block = wait.until(lambda p: p.find_element(By.CSS_SELECTOR, f"[id$='-{operation}']"))
    block.find_element(By.CSS_SELECTOR, ".opblock-summary-control").click()
    button = wait.until(lambda _: block.find_element(By.CSS_SELECTOR, "button.execute"))
    for name, text in fill.items():
        field = block.find_element(By.CSS_SELECTOR, f"tr[data-param-name='{name}'] input")
        field.clear()
        field.send_keys(text)
    button.click()
    live = "table.live-responses-table"
    status = wait.until(lambda _: block.find_element(By.CSS_SELECTOR, f"{live} tbody td.response-col_status")).text
    body = wait.until(lambda _: block.find_element(By.CSS_SELECTOR, f"{live} .highlight-code, {live} .microlight")).text
    return int(status.split()[0]), body


def main(url):
    options = webdriver.ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    options.binary_location = "/usr/bin/chromium"
    page = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        page.get(f"{url}/swagger/index.html")
        for operation, fill, expected in [
            ("get_api_v1_server", {}, '"version"'),
            ("get_v2_jobs", {}, '"message"'),
            # A browser sends no body with GET: validation takes its config as a parameter.
            ("get_v2_validation_job", {"job_config": json.dumps(CONFIG)}, '"mysql_task_validation_report"'),
            ("get_api_v1_jobs_id", {"id": "nobody"}, '"not_found"'),
        ]:
            status, body = executed(page, operation, fill)
            wanted = 404 if expected == '"not_found"' else 200
            if status != wanted or expected not in body:
                sys.exit(f"{operation}: the page shows {status}: {body[:300]}")
            print(f"{operation}: executed from the page, {status}")
    finally:
        page.quit()


main(sys.argv[1])

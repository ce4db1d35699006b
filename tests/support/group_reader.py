"""Reads a topic as a member of a consumer group, with kafka-python, and commits what it read.

Usage: group_reader.py BROKERS TOPIC GROUP COUNT; prints key, tab and value (or null) of each message.
"""

import sys

from kafka import KafkaConsumer

brokers, topic, group, count = sys.argv[1:]
consumer = KafkaConsumer(
    topic,
    bootstrap_servers=brokers,
    group_id=group,
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    consumer_timeout_ms=60_000,
    max_poll_records=1,
)
text = lambda b: "null" if b is None else b.decode()
left = int(count)
for message in consumer:
    print(text(message.key), text(message.value), sep="\t")
    left -= 1
    if left == 0:
        break
consumer.commit()
consumer.close()

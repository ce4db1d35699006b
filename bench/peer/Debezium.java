import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.format.JsonByteArray;
import java.io.FileInputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The peer of bench/kafka: Debezium's embedded engine, whose events go to Kafka as they are. Batches are not waited for
 * one by one, as Kafka Connect does not either: up to eight are on their way, and a batch is marked as processed when it
 * and all before it are acknowledged.
 *
 * Usage: Debezium ENGINE.properties PRODUCER.properties; runs until its standard input ends.
 */
public class Debezium {
    private record Batch(List<ChangeEvent<byte[], byte[]>> events, List<Future<RecordMetadata>> sent) {}

    private static final int ON_THEIR_WAY = 8;

    public static void main(String[] files) throws Exception {
        var producer = new KafkaProducer<>(read(files[1]), new ByteArraySerializer(), new ByteArraySerializer());
        var batches = new ArrayDeque<Batch>();
        var engine = DebeziumEngine.create(JsonByteArray.class).using(read(files[0])).notifying((events, committer) -> {
            var sent = new ArrayList<Future<RecordMetadata>>(events.size());
            for (var event : events) {
                sent.add(producer.send(new ProducerRecord<>(event.destination(), event.key(), event.value())));
            }
            batches.add(new Batch(events, sent));
            try {
                while (batches.size() > ON_THEIR_WAY || (!batches.isEmpty() && batches.peek().sent().stream().allMatch(Future::isDone))) {
                    var batch = batches.remove();
                    for (var acknowledged : batch.sent()) {
                        acknowledged.get();
                    }
                    for (var event : batch.events()) {
                        committer.markProcessed(event);
                    }
                    committer.markBatchFinished();
                }
            } catch (java.util.concurrent.ExecutionException e) {
                throw new RuntimeException(e);
            }
        }).using((success, message, error) -> {
            if (!success) {
                System.err.println("debezium: " + message);
                for (var cause = error; cause != null; cause = cause.getCause()) {
                    System.err.println("  " + cause);
                }
                System.exit(1);
            }
        }).build();
        var thread = new Thread(engine);
        thread.start();
        while (System.in.read() >= 0) {}
        engine.close();
        thread.join();
        producer.close();
    }

    private static Properties read(String file) throws Exception {
        var properties = new Properties();
        try (var in = new FileInputStream(file)) {
            properties.load(in);
        }
        return properties;
    }
}

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.connect.data.ConnectSchema;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;

/**
 * Reads a topic to its present end as a Kafka Connect sink would: by Connect's own JSON converter, which builds the schema
 * from the message and the value by the schema. Prints a line per field: message, path, schema type, schema name, class
 * and value.
 *
 * Usage: ConnectReader BROKERS TOPIC
 */
public class ConnectReader {
    public static void main(String[] arguments) throws Exception {
        var keys = converter(true);
        var values = converter(false);
        Map<String, Object> settings = Map.of("bootstrap.servers", arguments[0]);
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            consumer.partitionsFor(arguments[1]).forEach(p -> partitions.add(new TopicPartition(p.topic(), p.partition())));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            int message = 0;
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    print(message + "\tkey", keys.toConnectData(record.topic(), record.key()));
                    print(message + "\tvalue", values.toConnectData(record.topic(), record.value()));
                    message++;
                }
            }
        }
    }

    private static JsonConverter converter(boolean key) {
        var converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", "true"), key);
        return converter;
    }

    private static void print(String path, SchemaAndValue read) {
        if (read.schema() != null) {
            ConnectSchema.validateValue(read.schema(), read.value());
        }
        print(path, read.schema(), read.value());
    }

    private static void print(String path, Schema schema, Object value) {
        if (value instanceof Struct struct) {
            struct.validate();
            for (var field : struct.schema().fields()) {
                print(path + "." + field.name(), field.schema(), struct.get(field));
            }
            return;
        }
        String type = schema == null ? "none" : schema.type().getName() + "\t" + schema.name();
        String kind = value == null ? "null" : value instanceof ByteBuffer ? "ByteBuffer" : value.getClass().getSimpleName();
        System.out.println(path + "\t" + type + "\t" + kind + "\t" + text(value));
    }

    private static String text(Object value) {
        byte[] bytes = value instanceof byte[] array ? array : value instanceof ByteBuffer buffer ? buffer.array() : null;
        return bytes == null ? String.valueOf(value) : java.util.HexFormat.of().formatHex(bytes);
    }
}

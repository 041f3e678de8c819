import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trino.hive.formats.line.Column;
import io.trino.hive.formats.line.LineBuffer;
import io.trino.hive.formats.line.openxjson.OpenXJsonDeserializer;
import io.trino.hive.formats.line.openxjson.OpenXJsonOptions;
import io.trino.spi.Page;
import io.trino.spi.PageBuilder;
import io.trino.spi.block.Block;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarcharType;
import io.trino.type.InternalTypeManager;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads lines of JSON as the OpenX SerDe does, which came to Trino later than the server of these tests. Standard input is one
 * JSON object, {"parameters": {"name": "value"}, "columns": [["name", "type"]]}, then the lines, in UTF-8. Standard output is a
 * JSON array for each line, in the shape of Trino's REST protocol: rows and arrays are arrays, maps are objects.
 */
public final class OpenXRows {
    private static final int MAX_LINE_BYTES = 64 << 20;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private OpenXRows() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream output = System.out;
        // A library complains there that it cannot look into itself.
        System.setOut(System.err);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        JsonNode table = new ObjectMapper().readTree(input.readLine());
        Map<String, String> parameters = new HashMap<>();
        table.get("parameters").fields().forEachRemaining(each -> parameters.put(each.getKey(), each.getValue().asText()));
        List<Column> columns = new ArrayList<>();
        for (JsonNode column : table.get("columns")) {
            Type type = InternalTypeManager.TESTING_TYPE_MANAGER.fromSqlType(column.get(1).asText());
            columns.add(new Column(column.get(0).asText(), type, columns.size()));
        }
        OpenXJsonDeserializer deserializer = new OpenXJsonDeserializer(columns, OpenXJsonOptions.fromSchema(parameters));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            PageBuilder page = new PageBuilder(deserializer.getTypes());
            LineBuffer buffer = new LineBuffer(1, MAX_LINE_BYTES);
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            buffer.write(bytes, 0, bytes.length);
            deserializer.deserialize(buffer, page);
            ArrayNode row = JSON.arrayNode();
            Page built = page.build();
            for (int index = 0; index < columns.size(); index++) {
                row.add(valueOf(columns.get(index).type(), built.getBlock(index), 0));
            }
            output.write((row + "\n").getBytes(StandardCharsets.UTF_8));
        }
        output.flush();
    }

    private static JsonNode valueOf(Type type, Block block, int position) {
        if (block.isNull(position)) {
            return JSON.nullNode();
        }
        if (type instanceof RowType) {
            Block members = block.getObject(position, Block.class);
            ArrayNode row = JSON.arrayNode();
            for (int index = 0; index < members.getPositionCount(); index++) {
                row.add(valueOf(type.getTypeParameters().get(index), members, index));
            }
            return row;
        }
        if (type instanceof ArrayType array) {
            Block elements = block.getObject(position, Block.class);
            ArrayNode list = JSON.arrayNode();
            for (int index = 0; index < elements.getPositionCount(); index++) {
                list.add(valueOf(array.getElementType(), elements, index));
            }
            return list;
        }
        if (type instanceof MapType map) {
            Block entries = block.getObject(position, Block.class);
            ObjectNode object = JSON.objectNode();
            for (int index = 0; index < entries.getPositionCount(); index += 2) {
                String key = valueOf(map.getKeyType(), entries, index).asText();
                object.set(key, valueOf(map.getValueType(), entries, index + 1));
            }
            return object;
        }
        if (type instanceof VarcharType) {
            return JSON.textNode(type.getSlice(block, position).toStringUtf8());
        }
        if (type.getJavaType() == boolean.class) {
            return JSON.booleanNode(type.getBoolean(block, position));
        }
        if (type.getJavaType() == double.class) {
            return JSON.numberNode(type.getDouble(block, position));
        }
        if (type.getJavaType() == long.class) {
            return JSON.numberNode(type.getLong(block, position));
        }
        throw new IllegalArgumentException("got the type " + type + ", expected one that the JSON tables have");
    }
}

/** Starts Trino, as the main class of its server module does: that module is a list of parts, and these are fetched one by one. */
public final class TrinoServer {
    private TrinoServer() {}

    public static void main(String[] arguments) {
        new io.trino.server.Server().start(arguments[0]);
    }
}

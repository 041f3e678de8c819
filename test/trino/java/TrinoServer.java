/**
 * Starts Trino, as the main class of its server module does: that module is a list of parts, and these are fetched one by one.
 * Ends with its standard input, so that it never outlives whoever started it.
 */
public final class TrinoServer {
    private TrinoServer() {}

    public static void main(String[] arguments) {
        Thread watch = new Thread(TrinoServer::endWithInput);
        watch.setDaemon(true);
        watch.start();
        new io.trino.server.Server().start(arguments[0]);
    }

    private static void endWithInput() {
        try {
            while (System.in.read() != -1) {
                // Nothing is expected.
            }
        } catch (java.io.IOException e) {
            // The same as its end.
        }
        Runtime.getRuntime().halt(0);
    }
}

// Test-then-train of one MOA learner over a CSV file that is parsed beforehand, timed by the CPU time of this thread alone:
// what the JIT, the collector and the start of the JVM cost is not counted. One JSON line.
//
//   java -cp 'jars/*' Moa.java FILE.csv.gz ROWS classes|values SEED PASSES LEARNER

import com.yahoo.labs.samoa.instances.*;
import java.io.*;
import java.lang.management.*;
import java.util.*;
import java.util.zip.GZIPInputStream;
import moa.classifiers.Classifier;
import moa.core.Utils;
import moa.options.ClassOption;

public class Moa {
    public static void main(String[] args) throws Exception {
        boolean classes = args[2].equals("classes");
        int seed = Integer.parseInt(args[3]), passes = Integer.parseInt(args[4]);
        List<String[]> cells = read(args[0], Integer.parseInt(args[1]));
        String[] names = cells.remove(0);
        Instance[] rows = instances(names, cells, classes);
        cells = null;
        StringBuilder line = new StringBuilder("{\"rows\":" + rows.length + ",\"passes\":[");
        for (int pass = 0; pass < passes; pass++) {
            line.append(pass > 0 ? "," : "").append(run(args[5], seed, rows, classes));
        }
        System.out.println(line.append("]}"));
    }

    static List<String[]> read(String file, int limit) throws IOException {
        List<String[]> cells = new ArrayList<>();
        InputStream bytes = new GZIPInputStream(new FileInputStream(file));
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(bytes, "UTF-8"))) {
            for (String line; cells.size() <= limit && (line = lines.readLine()) != null; ) {
                cells.add(line.split(",", -1));
            }
        }
        return cells;
    }

    /** A column is numeric where every cell is a number or empty, as in `driftline evaluate`. The label is the last. */
    static Instance[] instances(String[] names, List<String[]> cells, boolean classes) {
        int label = names.length - 1;
        List<Attribute> attributes = new ArrayList<>();
        List<Map<String, Integer>> codes = new ArrayList<>();
        for (int column = 0; column <= label; column++) {
            boolean numeric = column == label ? !classes : isNumeric(cells, column);
            Map<String, Integer> code = numeric ? null : code(cells, column);
            codes.add(code);
            attributes.add(numeric ? new Attribute(names[column]) : new Attribute(names[column], new ArrayList<>(code.keySet())));
        }
        InstancesHeader header = new InstancesHeader(new Instances("stream", attributes, 0));
        header.setClassIndex(label);
        Instance[] rows = new Instance[cells.size()];
        for (int i = 0; i < rows.length; i++) {
            double[] values = new double[names.length];
            for (int column = 0; column <= label; column++) {
                String cell = cells.get(i)[column];
                Map<String, Integer> code = codes.get(column);
                values[column] = cell.isEmpty() ? Double.NaN : code == null ? Double.parseDouble(cell) : code.get(cell);
            }
            rows[i] = new DenseInstance(1.0, values);
            rows[i].setDataset(header);
        }
        return rows;
    }

    static boolean isNumeric(List<String[]> cells, int column) {
        for (String[] row : cells) {
            try {
                if (!row[column].isEmpty()) Double.parseDouble(row[column]);
            } catch (NumberFormatException e) {
                return false;
            }
        }
        return true;
    }

    static Map<String, Integer> code(List<String[]> cells, int column) {
        TreeSet<String> texts = new TreeSet<>();
        for (String[] row : cells) {
            if (!row[column].isEmpty()) texts.add(row[column]);
        }
        Map<String, Integer> code = new LinkedHashMap<>();
        for (String text : texts) code.put(text, code.size());
        return code;
    }

    static String run(String cli, int seed, Instance[] rows, boolean classes) throws Exception {
        Classifier learner = (Classifier) ClassOption.cliStringToObject(cli, Classifier.class, null);
        learner.setModelContext(new InstancesHeader(rows[0].dataset()));
        learner.prepareForUse();
        if (learner.isRandomizable()) {
            learner.setRandomSeed(seed); // AMRules has nothing to seed before it is prepared
            learner.resetLearning();
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        double score = 0;
        long start = threads.getCurrentThreadCpuTime();
        for (Instance row : rows) {
            double[] votes = learner.getVotesForInstance(row);
            if (classes) {
                score += Utils.maxIndex(votes) == (int) row.classValue() ? 1 : 0;
            } else {
                score += Math.abs((votes.length > 0 ? votes[0] : 0) - row.classValue());
            }
            learner.trainOnInstance(row);
        }
        double seconds = (threads.getCurrentThreadCpuTime() - start) / 1e9;
        return "{\"score\":" + score / rows.length + ",\"events_per_second\":" + rows.length / seconds + "}";
    }
}

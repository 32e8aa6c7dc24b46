using System.Text;
using System.Text.Json;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;

namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>A JSON file of metrics, flattened: nested keys become one path. NaN and Infinity are taken as Python writes them.</summary>
public sealed class MetricsFile
{
    private MetricsFile(string path, IReadOnlyList<Metric> metrics) => (Path, Metrics) = (path, metrics);

    /// <summary>The file, as it was named.</summary>
    public string Path { get; }

    /// <summary>Its values in the order of the file.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>Reads a file; one that a pipeline published is verified first.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not JSON, a name or path occurs twice, or it is not as it was published.</exception>
    public static MetricsFile Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file");
        }

        ArtifactReader.Verified(path);
        byte[] text = JsonText.WithoutMark(File.ReadAllBytes(path)).ToArray();
        byte[] quoted = WithQuotedWords(text);
        if (JsonText.Find(quoted) is { } fault)
        {
            throw NotMetrics(path, $"{fault}");
        }

        List<Metric> metrics = [];
        Utf8JsonReader reader = new(quoted, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
        reader.Read();
        Flatten(ref reader, text, string.Empty, metrics);
        IGrouping<string, Metric>? same = metrics.GroupBy(metric => metric.Path).FirstOrDefault(group => group.Count() > 1);
        return same is null ? new MetricsFile(path, Metric.WithNoise(metrics)) : throw NotMetrics(path, $"{same.Count()} values have the path '{same.Key}': expected one");
    }

    /// <summary>The value of a path; null if there is none.</summary>
    public Metric? Find(string path) => Metrics.FirstOrDefault(metric => metric.Path == path);

    private static InvalidDataException NotMetrics(string path, string problem) => new($"{path}: not a JSON file of metrics: {problem}");

    // Python writes numbers that are none as words, which JSON does not know. They become texts of the same length, so that every other byte keeps its place.
    private static byte[] WithQuotedWords(ReadOnlySpan<byte> text)
    {
        byte[] quoted = text.ToArray();
        bool inString = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (inString && text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                inString = !inString;
            }
            else if (!inString && WordAt(text[i..]) is var length and > 0)
            {
                quoted[i] = (byte)'"';
                i += length - 1;
                quoted[i] = (byte)'"';
            }
        }

        return quoted;
    }

    // A name is no word: it stands before a colon.
    private static int WordAt(ReadOnlySpan<byte> text)
    {
        int length = text.StartsWith("NaN"u8) ? "NaN".Length : text.StartsWith("Infinity"u8) ? "Infinity".Length : text.StartsWith("-Infinity"u8) ? "-Infinity".Length : 0;
        return text[length..].TrimStart(" \t\r\n"u8).StartsWith(":"u8) ? 0 : length;
    }

    private static void Flatten(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, string path, List<Metric> metrics)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    string name = reader.GetString()!;
                    reader.Read();
                    Flatten(ref reader, text, Join(path, name), metrics);
                }

                break;
            case JsonTokenType.StartArray:
                for (int index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
                {
                    Flatten(ref reader, text, Join(path, $"{index}"), metrics);
                }

                break;
            case JsonTokenType.Number:
                double number = reader.GetDouble();
                metrics.Add(new Metric(path, Encoding.UTF8.GetString(reader.ValueSpan), double.IsFinite(number) ? number : null));
                break;
            case JsonTokenType.String when text[(int)reader.TokenStartIndex] == '"':
                metrics.Add(new Metric(path, reader.GetString()!, Number: null));
                break;
            default:
                metrics.Add(new Metric(path, Encoding.UTF8.GetString(text[(int)reader.TokenStartIndex..(int)reader.BytesConsumed]), Number: null));
                break;
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}

using System.Text.Json;
using AdaptiveKv.Pipeline.Artifacts;

namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>A JSON file of metrics, flattened: nested keys become one path.</summary>
public sealed class MetricsFile
{
    private MetricsFile(string path, IReadOnlyList<Metric> metrics) => (Path, Metrics) = (path, metrics);

    /// <summary>The file, as it was named.</summary>
    public string Path { get; }

    /// <summary>Its values in the order of the file.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>Reads a file; one that a pipeline published is verified first.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not JSON, or not as it was published.</exception>
    public static MetricsFile Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file");
        }

        if (ArtifactReader.IsPublished(path))
        {
            ArtifactReader.Open(path);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            List<Metric> metrics = [];
            Flatten(document.RootElement, string.Empty, metrics);
            return new MetricsFile(path, metrics);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}: not a JSON file of metrics: {exception.Message}");
        }
    }

    /// <summary>The value of a path; null if there is none.</summary>
    public Metric? Find(string path) => Metrics.FirstOrDefault(metric => metric.Path == path);

    private static void Flatten(JsonElement element, string path, List<Metric> metrics)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    Flatten(property.Value, Join(path, property.Name), metrics);
                }

                break;
            case JsonValueKind.Array:
                foreach ((int index, JsonElement item) in element.EnumerateArray().Index())
                {
                    Flatten(item, Join(path, $"{index}"), metrics);
                }

                break;
            case JsonValueKind.Number:
                metrics.Add(new Metric(path, element.GetRawText(), element.GetDouble()));
                break;
            default:
                string text = element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText();
                metrics.Add(new Metric(path, text, Number: null));
                break;
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}

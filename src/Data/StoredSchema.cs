using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Data;

/// <summary>A table's schema and provenance as Parquet's key-value metadata holds them: JSON under two keys.</summary>
internal static class StoredSchema
{
    /// <summary>The schema's key.</summary>
    public const string SchemaKey = "akv.schema";

    /// <summary>The key of the provenance: a JSON object of texts, by name.</summary>
    public const string ProvenanceKey = "akv.provenance";

    /// <summary>Version of this way of storing them.</summary>
    private const int Format = 1;

    /// <summary>The schema's JSON.</summary>
    public static string Write(TableSchema schema)
    {
        var content = new SchemaContent(Format, schema.Name, schema.Version, [.. schema.Key], [.. schema.Columns.Select(column =>
            new ColumnContent(column.Name, column.Type, column.Unit, column.Description, column.Optional, column.AllowsNonFinite))]);
        return JsonSerializer.Serialize(content, StoredSchemaJson.Default.SchemaContent);
    }

    /// <summary>The provenance's JSON, by name, so that the same facts give the same bytes.</summary>
    public static string Write(IReadOnlyDictionary<string, string> provenance) =>
        JsonSerializer.Serialize(new SortedDictionary<string, string>(provenance.ToDictionary(), StringComparer.Ordinal), StoredSchemaJson.Default.SortedDictionaryStringString);

    /// <summary>Reads a schema.</summary>
    /// <exception cref="InvalidDataException">It is damaged or of a newer format; the message starts with the path.</exception>
    public static TableSchema Read(string json, string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            if (document.RootElement.GetProperty("format").GetInt32() is var format and not Format)
            {
                throw new InvalidDataException($"{path}: its metadata has format {format}, this program reads {Format}: use a newer akv, or make the file again");
            }

            SchemaContent content = document.RootElement.Deserialize(StoredSchemaJson.Default.SchemaContent)!;
            return new TableSchema(content.Name, content.Version, [.. content.Columns.Select(column => new TableColumn(column.Name, Known(column.Type))
            {
                Unit = column.Unit,
                Description = column.Description,
                Optional = column.Optional,
                AllowsNonFinite = column.NonFinite,
            })])
            {
                Key = content.Key,
            };
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw new InvalidDataException($"{path}: metadata '{SchemaKey}' is damaged ({exception.Message}): make the file again", exception);
        }
    }

    /// <summary>Reads a provenance.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static IReadOnlyDictionary<string, string> ReadProvenance(string json, string path)
    {
        try
        {
            return JsonSerializer.Deserialize(json, StoredSchemaJson.Default.SortedDictionaryStringString)!;
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: metadata '{ProvenanceKey}' is damaged ({exception.Message}): make the file again", exception);
        }
    }

    private static ColumnType Known(ColumnType type) => Enum.IsDefined(type) ? type : throw new JsonException($"column type {(int)type} is unknown");

    internal sealed record SchemaContent(int Format, string Name, int Version, string[] Key, ColumnContent[] Columns);

    internal sealed record ColumnContent(
        string Name,
        ColumnType Type,
        string? Unit = null,
        string? Description = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Optional = false,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool NonFinite = false);
}

/// <summary>JSON of a table's metadata: snake_case; types by name; what has no value is left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(JsonStringEnumConverter<ColumnType>)])]
[JsonSerializable(typeof(StoredSchema.SchemaContent))]
[JsonSerializable(typeof(SortedDictionary<string, string>))]
internal sealed partial class StoredSchemaJson : JsonSerializerContext;

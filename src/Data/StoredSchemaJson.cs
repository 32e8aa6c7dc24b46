using System.Text.Json.Serialization;
using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Data;

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

using System.Text.Json;
using System.Text.Json.Serialization;

namespace AdaptiveKv.Evaluation;

/// <summary>Enumeration members as users write them ("two-pass", "int8"), in reports and in JSON.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
internal sealed class EnumName<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum
{
    public static string Of(T value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}

using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace AdaptiveKv.Pipeline.Stages;

/// <summary>The params of a stage as a record: see <see cref="ParamAttribute"/>.</summary>
public static class ParamRecord
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { KeepParams } },
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) },
    };

    /// <summary>What a record declares, in the order of its properties.</summary>
    /// <typeparam name="T">A record that can be made without arguments.</typeparam>
    public static IReadOnlyList<StageParam> Of<T>()
    {
        JsonElement presets = JsonSerializer.SerializeToElement(Activator.CreateInstance<T>(), Json);
        return
        [
            .. from property in typeof(T).GetProperties()
               let param = property.GetCustomAttribute<ParamAttribute>()
               where param is not null
               select Of(property, param, presets),
        ];
    }

    /// <summary>The record of some values.</summary>
    internal static T Read<T>(IReadOnlyDictionary<string, JsonElement> values) => JsonSerializer.SerializeToElement(values).Deserialize<T>(Json)!;

    // A record may say more of its params than they are.
    private static void KeepParams(JsonTypeInfo record)
    {
        foreach (JsonPropertyInfo property in record.Properties.Where(property => property.AttributeProvider?.IsDefined(typeof(ParamAttribute), inherit: true) != true).ToArray())
        {
            record.Properties.Remove(property);
        }
    }

    private static StageParam Of(PropertyInfo property, ParamAttribute param, JsonElement presets)
    {
        bool isList = property.PropertyType.IsGenericType;
        Type element = isList ? property.PropertyType.GetGenericArguments()[0] : property.PropertyType;
        string name = Json.PropertyNamingPolicy!.ConvertName(property.Name);
        return new StageParam(name, TypeOf(element), param.Description)
        {
            Default = property.IsDefined(typeof(RequiredMemberAttribute)) ? null : presets.GetProperty(name),
            IsList = isList,
            IsLong = element == typeof(long) || element == typeof(ulong),
            Unit = param.Unit,
            Minimum = element == typeof(ulong) ? 0 : param.Minimum,
            Maximum = param.Maximum,
            Choices = element.IsEnum ? [.. Enum.GetNames(element).Select(JsonNamingPolicy.KebabCaseLower.ConvertName)] : param.Choices,
            Check = param.Check is { } check ? text => Invoke(property.DeclaringType!, check, text) : null,
            LeastCount = param.LeastCount,
            MostCount = param.MostCount,
        };
    }

    private static ParamType TypeOf(Type element) =>
        element == typeof(int) || element == typeof(long) || element == typeof(ulong) ? ParamType.Integer
        : element == typeof(double) ? ParamType.Number
        : element == typeof(bool) ? ParamType.Boolean
        : ParamType.Text;

    private static void Invoke(Type record, string check, string text) =>
        record.GetMethod(check, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic, [typeof(string)])!
            .Invoke(null, BindingFlags.DoNotWrapExceptions, binder: null, [text], culture: null);
}

using System.CommandLine;
using System.Text.Json;

namespace AdaptiveKv.Cli.Commands;

/// <summary>Options whose values are the members of an enumeration, in the spelling of the command line ("two-pass").</summary>
internal static class NamedValue
{
    /// <summary>An option that takes one of <typeparamref name="T"/>'s names.</summary>
    public static Option<string> Option<T>(string name, string description, T preset)
        where T : struct, Enum
    {
        Option<string> option = new(name) { Description = description, DefaultValueFactory = _ => Name(preset) };
        Restrict(option, Names<T>());
        return option;
    }

    /// <summary>The same without a preset.</summary>
    public static Option<string?> Option<T>(string name, string description)
        where T : struct, Enum => Option(name, description, Names<T>());

    /// <summary>An option that takes one of a few words.</summary>
    public static Option<string?> Option(string name, string description, params string[] names)
    {
        Option<string?> option = new(name) { Description = description };
        Restrict(option, names);
        return option;
    }

    /// <summary>The member of a name that the option accepted.</summary>
    public static T Of<T>(string name)
        where T : struct, Enum => Enum.GetValues<T>().First(value => Name(value) == name);

    private static void Restrict(Option option, string[] names)
    {
        option.HelpName = string.Join('|', names);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var given, ..] && !names.Contains(given.Value))
            {
                result.AddError($"{option.Name}: unknown value '{given.Value}': expected {string.Join(", ", names[..^1])} or {names[^1]}");
            }
        });
    }

    private static string[] Names<T>()
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(Name)];

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}

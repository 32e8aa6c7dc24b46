using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace AdaptiveKv.Data.Tasks;

/// <summary>
/// Cases of all letters with their full mappings (Unicode's SpecialCasing without languages), from a table that eng/python/text.py makes: .NET maps
/// one letter to one, knows neither title case nor which letters are cased, and has another version of Unicode on every machine that brings its own.
/// </summary>
internal static class LetterTable
{
    private static readonly ILookup<string, string[]> Lines = Read();

    private static readonly FrozenDictionary<int, string> LowerCase = Mapping("lower");

    private static readonly FrozenDictionary<int, string> TitleCase = Mapping("title");

    private static readonly FrozenSet<int> Cased = Lines["cased"].SelectMany(Codes).ToFrozenSet();

    private static readonly FrozenSet<int> Ignored = Lines["ignored"].SelectMany(Codes).ToFrozenSet();

    /// <summary>In lower case, whatever stands around it.</summary>
    public static string Lower(Rune letter) => LowerCase.GetValueOrDefault(letter.Value) ?? letter.ToString();

    /// <summary>As the first letter of a word.</summary>
    public static string Title(Rune letter) => TitleCase.GetValueOrDefault(letter.Value) ?? letter.ToString();

    /// <summary>Whether it is a letter that has a case, and not one that <see cref="IsIgnored"/> passes over.</summary>
    public static bool IsCased(Rune letter) => Cased.Contains(letter.Value);

    /// <summary>Whether the letters around it are looked at in its place where a final sigma is sought.</summary>
    public static bool IsIgnored(Rune letter) => Ignored.Contains(letter.Value);

    private static ILookup<string, string[]> Read()
    {
        using StreamReader reader = new(typeof(LetterTable).Assembly.GetManifestResourceStream("letters.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').Select(line => line.Split(' ')).ToLookup(line => line[0], line => line[1..]);
    }

    // Either "first last step difference" or "letter = letters".
    private static FrozenDictionary<int, string> Mapping(string name)
    {
        Dictionary<int, string> mapping = [];
        foreach (string[] line in Lines[name])
        {
            if (line[1] == "=")
            {
                mapping.Add(Hex(line[0]), string.Concat(line[2..].Select(code => new Rune(Hex(code)))));
                continue;
            }

            int difference = int.Parse(line[3], CultureInfo.InvariantCulture);
            foreach (int code in Codes(line))
            {
                mapping.Add(code, new Rune(code + difference).ToString());
            }
        }

        return mapping.ToFrozenDictionary();
    }

    private static IEnumerable<int> Codes(string[] line)
    {
        int step = int.Parse(line[2], CultureInfo.InvariantCulture);
        for (int code = Hex(line[0]); code <= Hex(line[1]); code += step)
        {
            yield return code;
        }
    }

    private static int Hex(string code) => int.Parse(code, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}

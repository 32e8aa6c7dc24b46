using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>
/// Reads one YAML document (JSON is one too) into nodes that know their lines. Anchors, aliases and tags are refused: they hide where a value
/// comes from, and a few bytes of them can stand for gigabytes.
/// </summary>
internal sealed class YamlReader
{
    private const long LargestFile = 1 << 20;
    private const int DeepestNesting = 32;

    private readonly Parser parser;
    private readonly Func<long, string> where;

    private YamlReader(TextReader text, Func<long, string> where)
    {
        parser = new Parser(text);
        this.where = where;
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ConfigurationException">It is not YAML of this kind.</exception>
    public static YamlNode ReadFile(string path)
    {
        FileInfo file = new(path);
        if (!file.Exists)
        {
            throw new FileNotFoundException($"{path}: no such file");
        }

        if (file.Length > LargestFile)
        {
            throw Fault($"{path}:1", $"{file.Length:N0} bytes are too many: expected at most {LargestFile:N0}");
        }

        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
            return Read(text.TrimStart('\uFEFF'), line => $"{path}:{line}");
        }
        catch (DecoderFallbackException)
        {
            throw Fault($"{path}:1", "it is not UTF-8 text");
        }
    }

    /// <summary>Reads a value given outside of a file.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="where">What to call the place in messages.</param>
    /// <exception cref="ConfigurationException">It is not YAML of this kind.</exception>
    public static YamlNode ReadText(string text, string where) => Read(text, _ => where);

    private static YamlNode Read(string text, Func<long, string> where)
    {
        YamlReader reader = new(new StringReader(text), where);
        try
        {
            reader.parser.Consume<StreamStart>();
            if (reader.parser.Accept<StreamEnd>(out _))
            {
                return new YamlScalar(where(1), string.Empty, IsPlain: true);
            }

            reader.parser.Consume<DocumentStart>();
            YamlNode root = reader.Node(depth: 0);
            reader.parser.Consume<DocumentEnd>();
            return reader.parser.Accept<DocumentStart>(out DocumentStart? second)
                ? throw Fault(where(second.Start.Line), "a second document starts here: expected one")
                : root;
        }
        catch (YamlException exception)
        {
            throw Fault(where(Math.Max(1, exception.End.Line)), $"not valid YAML: {(exception.InnerException ?? exception).Message.TrimEnd('.')}");
        }
        catch (EndOfStreamException)
        {
            throw Fault(where(text.TrimEnd().Count(letter => letter == '\n') + 1), "not valid YAML: it ends where a value is expected");
        }
        catch (InvalidOperationException)
        {
            // The parser's own slip over some broken documents.
            throw Fault(where(Math.Max(1, reader.parser.Current?.End.Line ?? 1)), "not valid YAML from here on");
        }
    }

    private YamlNode Node(int depth)
    {
        ParsingEvent next = parser.Consume<ParsingEvent>();
        string place = where(next.Start.Line);
        if (depth > DeepestNesting)
        {
            throw Fault(place, $"nested more than {DeepestNesting} deep");
        }

        if (next is AnchorAlias || next is NodeEvent { Anchor.IsEmpty: false })
        {
            throw Fault(place, "anchors and aliases are not supported: write the value out, or use ${params.name}");
        }

        if (next is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } tag })
        {
            throw Fault(place, $"tags are not supported: leave out '{tag}'");
        }

        return next switch
        {
            Scalar scalar => new YamlScalar(place, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => new YamlList(place, Items(depth + 1)),
            _ => new YamlMap(place, Entries(depth + 1)),
        };
    }

    private List<YamlNode> Items(int depth)
    {
        List<YamlNode> items = [];
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Node(depth));
        }

        return items;
    }

    private List<YamlEntry> Entries(int depth)
    {
        Dictionary<string, string> places = new(StringComparer.Ordinal);
        List<YamlEntry> entries = [];
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            YamlNode node = Node(depth);
            if (node is not YamlScalar key)
            {
                throw Fault(node.Where, $"a key is {node.Kind}: expected a name");
            }

            if (!places.TryAdd(key.Text, key.Where))
            {
                throw Fault(key.Where, $"the key '{key.Text}' is here a second time; the first is at {places[key.Text]}");
            }

            entries.Add(new YamlEntry(key.Text, key.Where, Node(depth)));
        }

        return entries;
    }

    private static ConfigurationException Fault(string where, string problem) => new([new ConfigurationFault(where, string.Empty, problem)]);
}

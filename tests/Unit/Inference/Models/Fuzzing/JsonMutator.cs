using System.Buffers;
using System.Text;
using System.Text.Json;

namespace AdaptiveKv.Unit.Inference.Models.Fuzzing;

/// <summary>Makes wrong JSON from right JSON, token by token, so that most of it still parses. YAML, lines of JSON and templates have like tokens.</summary>
internal sealed class JsonMutator
{
    private static readonly SearchValues<char> Marks = SearchValues.Create("{}[]:,\" \n");

    private static readonly string[] Numbers =
    [
        "0", "1", "-1", "2", "2147483647", "2147483648", "-2147483648", "4294967296",
        "9223372036854775807", "9223372036854775808", "-9223372036854775809",
        "1e3", "1e999", "-0", "0.5", "1e-400",
    ];

    private static readonly string[] Others =
    [
        "null", "true", "false", "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "[]", "{}", "[[]]", "NaN",
        "\"F32\"", "\"I64\"", "\"ByteLevel\"", "\"Sequence\"",
    ];

    private readonly List<string> tokens = [];
    private readonly string[] others;

    /// <param name="json">What is right.</param>
    /// <param name="more">What else may stand in the place of a value.</param>
    public JsonMutator(string json, params string[] more)
    {
        others = [.. Others, .. more];
        for (int i = 0; i < json.Length;)
        {
            int end = i + 1;
            if (json[i] == '"')
            {
                while (end < json.Length && json[end++] != '"')
                {
                    end += json[end - 1] == '\\' ? 1 : 0;
                }
            }
            else if (!Marks.Contains(json[i]))
            {
                end = json.AsSpan(i).IndexOfAny(Marks) is int stop and >= 0 ? i + Math.Max(1, stop) : json.Length;
            }

            end = Math.Min(end, json.Length);
            tokens.Add(json[i..end]);
            i = end;
        }
    }

    public byte[] Mutate(Random random)
    {
        List<string> mutant = [.. tokens];
        // JSON within JSON, such as a controller's.
        if (mutant.FindIndex(token => token.StartsWith("\"{\\", StringComparison.Ordinal)) is >= 0 and int inner && random.Next(2) == 0)
        {
            JsonMutator content = new(JsonSerializer.Deserialize<string>(mutant[inner])!);
            mutant[inner] = JsonSerializer.Serialize(Encoding.UTF8.GetString(content.Mutate(random)));
        }

        do
        {
            Step(random, mutant);
        }
        while (random.Next(3) == 0);
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(mutant));
        return random.Next(12) switch
        {
            0 => Mutation.FlipBits(random, text, text.Length),
            1 => Mutation.SpliceOrCut(random, text, text.Length),
            _ => text,
        };
    }

    private void Step(Random random, List<string> mutant)
    {
        int at = random.Next(mutant.Count);
        int kind = random.Next(10);
        if (kind < 5)
        {
            // The next value after a random place, so that numbers are hit as often as punctuation is.
            int value = mutant.FindIndex(at, token => char.IsAsciiLetterOrDigit(token[0]) || token[0] is '"' or '-');
            mutant[value >= 0 ? value : at] = random.Next(3) == 0
                ? others[random.Next(others.Length)]
                : Numbers[random.Next(Numbers.Length)];
        }
        else if (kind < 9)
        {
            (int start, int count) = Member(mutant, at);
            List<string> member = mutant.GetRange(start, count);
            switch (kind)
            {
                case 5 when count < mutant.Count:
                    mutant.RemoveRange(start, count);
                    break;
                case 6 or 5:
                    mutant.InsertRange(start, member);
                    break;
                default:
                    mutant.InsertRange(Member(mutant, random.Next(mutant.Count)).Start, member);
                    break;
            }
        }
        else
        {
            mutant[at] = mutant[random.Next(mutant.Count)];
        }
    }

    /// <summary>The first member of an object from a token on: its name, its value and the comma after it; else the token alone.</summary>
    private static (int Start, int Count) Member(List<string> mutant, int at)
    {
        int colon = mutant.IndexOf(":", at);
        if (colon < 1)
        {
            return (at, 1);
        }

        int depth = 0;
        int end = colon + 1;
        for (; end < mutant.Count && (depth > 0 || mutant[end] is not ("," or "}" or "]" or "\n")); end++)
        {
            depth += mutant[end] is "{" or "[" ? 1 : mutant[end] is "}" or "]" ? -1 : 0;
        }

        return (colon - 1, Math.Min(end + 1, mutant.Count) - colon + 1);
    }
}

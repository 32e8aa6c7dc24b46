using System.Text.Json;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>Tokens of a tokenizer.json: those of the model, which merges build, and the added ones, which are matched literally.</summary>
internal sealed class FolderVocabulary
{
    private readonly string?[] tokens;
    private readonly Dictionary<string, int> merged = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> added = [];

    /// <param name="model">The member "model".</param>
    /// <param name="count">Ids the model has.</param>
    public FolderVocabulary(JsonFields model, int count)
    {
        tokens = new string?[count];
        Special = new bool[count];
        JsonFields map = model.Object("vocab");
        foreach (JsonProperty member in map.Members())
        {
            int id = member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out int number) ? number : -1;
            Place(map, member.Name, id);
            merged.Add(member.Name, id);
        }
    }

    /// <summary>Whether an id is matched literally.</summary>
    public bool[] Special { get; }

    /// <summary>Name of an id that no token has, as llama.cpp's converter calls it.</summary>
    public static string Padding(int id) => $"[PAD{id}]";

    /// <summary>Takes the added tokens.</summary>
    public void Add(JsonFields root)
    {
        Dictionary<string, int> ids = new(merged, StringComparer.Ordinal);
        int next = merged.Count;
        foreach (JsonFields fields in root.Objects("added_tokens"))
        {
            int id = fields.Integer("id");
            string content = fields.Text("content");
            Place(fields, content, id);

            // The reference does not follow the file here: a token that is there keeps its id, a new one gets that behind the last.
            int given = ids.GetValueOrDefault(content, next);
            Require(id == given, fields, content, $"its id is {id}; the reference tokenizer gives it {given}");
            ids[content] = given;
            next = Math.Max(next, given + 1);
            Special[id] = true;
            AddedToken rule = new()
            {
                IsControl = fields.Flag("special"),
                StripsLeft = fields.Flag("lstrip"),
                StripsRight = fields.Flag("rstrip"),
                IsSingleWord = fields.Flag("single_word"),
                IsNormalized = fields.Flag("normalized"),
                IsMerged = merged.ContainsKey(content),
            };
            if (rule != AddedToken.Control)
            {
                added[id] = rule;
            }
        }
    }

    /// <summary>Tokens by id.</summary>
    public string[] Texts() => [.. tokens.Select((token, id) => token ?? Padding(id))];

    /// <summary>What becomes of bytes without a token, and how added tokens are matched.</summary>
    /// <param name="model">The member "model".</param>
    public TokenizerDetails Details(JsonFields model)
    {
        bool whole = Enumerable.Range(0, 256).All(value => merged.ContainsKey(ByteAlphabet.Spell((byte)value).ToString()));
        string? unknown = whole ? null : model.OptionalText("unk_token");
        Require(whole || !model.Flag("byte_fallback"), model, "byte_fallback", "is not supported in a vocabulary that lacks tokens of single bytes");
        Require(unknown is null || merged.ContainsKey(unknown), model, "unk_token", $"is \"{unknown}\", which is no token of the model's vocabulary");
        return new TokenizerDetails
        {
            Unknown = unknown is null ? -1 : merged[unknown],
            FusesUnknown = unknown is not null && model.Flag("fuse_unk"),
            Added = added,
        };
    }

    private void Place(JsonFields at, string token, int id)
    {
        Require((uint)id < (uint)tokens.Length, at, token, $"its id is {id}; the model has the ids 0 to {tokens.Length - 1}");
        Require(tokens[id] is null || tokens[id] == token, at, token, $"its id {id} is also that of \"{tokens[id]}\"");
        tokens[id] = token;
    }

    private static void Require(bool holds, JsonFields at, string name, string problem)
    {
        if (!holds)
        {
            throw at.Error(name, problem);
        }
    }
}

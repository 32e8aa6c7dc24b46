using System.Text.Json.Nodes;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Inference.Models.HuggingFace;

/// <summary>A model has a set of tokens that end its texts, from several files and keys.</summary>
public sealed class FolderEndsTests : IDisposable
{
    private const int Marker = 0; // <|end|>, which ends a text by its name.

    private readonly TinyFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Ends_are_those_of_all_files_and_the_begin_is_the_first_one()
    {
        folder.Write("generation_config.json", """{"eos_token_id": [3, 2]}""");
        folder.Write("tokenizer_config.json", """{"eos_token": "b", "bos_token": {"content": "c"}}""");
        folder.Write("special_tokens_map.json", """{"eos_token": {"content": "ab", "lstrip": false}}""");
        folder.Config["bos_token_id"] = null;

        using ModelSource model = folder.Open();

        Assert.Equal([3, 2, 0, 4], model.Vocabulary.EndTokens);
        Assert.Equal(3, model.Vocabulary.BeginOfText);
        Assert.Empty(model.Notes);
    }

    [Theory]
    [InlineData("[4, 5]", "[4, 5]")]
    [InlineData("5", "[5]")]
    [InlineData("[5, 5, 4, 5]", "[5, 4]")]
    [InlineData("null", "[]")]
    public void Config_has_a_number_or_a_list(string value, string ends)
    {
        folder.Config["eos_token_id"] = JsonNode.Parse(value);

        using ModelSource model = folder.Open();

        Assert.Equal([.. JsonNode.Parse(ends)!.AsArray().GetValues<int>(), Marker], model.Vocabulary.EndTokens);
    }

    [Theory]
    [InlineData("eos_token_id", "6", "eos_token_id is 6; the vocabulary has the ids 0 to 5: taken as none")]
    [InlineData("eos_token_id", "-1", "eos_token_id is -1;")]
    [InlineData("eos_token_id", "[4, 4294967295]", "eos_token_id is 4294967295;")]
    [InlineData("bos_token_id", "128000", "bos_token_id is 128000;")]
    public void An_id_that_no_token_has_is_none_with_a_note(string name, string value, string note)
    {
        folder.Config[name] = JsonNode.Parse(value);

        using ModelSource model = folder.Open();

        Assert.Contains(note, Assert.Single(model.Notes), StringComparison.Ordinal);
        Assert.Equal(value[0] == '[' ? [4, Marker] : [Marker], model.Vocabulary.EndTokens);
        Assert.Equal(name[0] == 'b' ? -1 : 0, model.Vocabulary.BeginOfText);
    }

    [Fact]
    public void A_name_that_no_token_has_is_none_with_a_note()
    {
        folder.Write("tokenizer_config.json", """{"eos_token": "</s>"}""");

        using ModelSource model = folder.Open();

        Assert.Contains("eos_token is \"</s>\", which is no token", Assert.Single(model.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "empty list")]
    [InlineData("\"a\"", "an integer or a list")]
    [InlineData("[1.5]", "an integer or a list")]
    [InlineData("true", "an integer or a list")]
    [InlineData("[[1]]", "an integer or a list")]
    public void What_is_no_id_is_refused(string value, string problem)
    {
        folder.Config["eos_token_id"] = JsonNode.Parse(value);

        folder.Refused("eos_token_id", problem);
    }

    [Theory]
    [InlineData("<|im_end|>")]
    [InlineData("<end_of_turn>")]
    [InlineData("<|eot_id|>")]
    public void A_marker_of_an_end_ends_a_text_wherever_no_file_names_it(string marker)
    {
        JsonObject vocabulary = folder.Tokenizer["model"]!["vocab"]!.AsObject();
        vocabulary.Remove("<|end|>");
        vocabulary[marker] = Marker;
        folder.Tokenizer["model"]!["unk_token"] = null;
        folder.Tokenizer["added_tokens"]![0]!["content"] = marker;
        folder.Config["eos_token_id"] = 5;

        using ModelSource model = folder.Open();

        Assert.Equal([5, 0], model.Vocabulary.EndTokens);
    }

    [Fact]
    public void The_list_of_the_published_case_is_read()
    {
        string folderOfCase = SharedFiles.Require("cases/field/end-tokens/hf_list");
        foreach (string name in (string[])["model.safetensors", "tokenizer.json"])
        {
            File.Copy(Path.Combine(SharedFiles.Micro, "hf", name), folder[name]);
        }

        foreach (string path in Directory.GetFiles(folderOfCase))
        {
            folder.Write(Path.GetFileName(path), File.ReadAllBytes(path));
        }

        using ModelSource model = ModelFormats.Open(folder.Path);

        Assert.Equal([0, 14], model.Vocabulary.EndTokens);
    }
}

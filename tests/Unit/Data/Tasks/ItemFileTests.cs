using System.Security.Cryptography;
using System.Text;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Data.Tasks;

public sealed class ItemFileTests : IDisposable
{
    private const string Own = """{"item": 7, "context": "The sky", "endings": ["is blue.", "eats fish."], "label": 0}""";

    private readonly string path = Path.Combine(Directory.CreateTempSubdirectory("akv-items-").FullName, "items");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

    [Fact]
    public void Own_json_lines_are_used_as_they_are()
    {
        ItemFile file = Read(Own + "\r\n\n" + """{"context": " a  [b] ", "endings": ["c", "d", "e"], "label": "2", "extra": null}""");

        Assert.Equal(ItemFormat.AkvJsonLines, file.Format);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), file.Sha256);
        AssertItem(file.Items[0], "7", "The sky", ["is blue.", "eats fish."], 0);
        AssertItem(file.Items[1], "1", " a  [b] ", ["c", "d", "e"], 2);
        Assert.Equal(2, file.Items.Count);
    }

    [Fact]
    public void A_byte_order_mark_is_skipped() => Assert.Single(Read("\uFEFF" + Own).Items);

    [Fact]
    public void Llama_cpp_text_has_six_lines_per_item()
    {
        ItemFile file = Read("Canoeing: Two women\n2\nare then\ngo down\n sit in a canoe.\nwalking\nHigh jump: The boy\n0\na\nb\nc\nd\n");

        Assert.Equal(ItemFormat.HellaSwagText, file.Format);
        AssertItem(file.Items[0], "0", "Canoeing: Two women", ["are then", "go down", "sit in a canoe.", "walking"], 2);
        AssertItem(file.Items[1], "1", "High jump: The boy", ["a", "b", "c", "d"], 0);
    }

    [Fact]
    public void Arc_labels_are_letters_or_digits()
    {
        ItemFile file = Read(
            """{"id":"M_1","question":{"stem":"Which is hot?","choices":[{"text":"ice","label":"A"},{"text":"fire","label":"B"},{"text":"fog","label":"C"}]},"answerKey":"B"}"""
            + "\n" + """{"id":"M_2","question":{"stem":"Which?","choices":[{"text":"w","label":"1"},{"text":"x","label":"2"}]},"answerKey":"2"}""");

        Assert.Equal(ItemFormat.ArcJsonLines, file.Format);
        AssertItem(file.Items[0], "M_1", "Question: Which is hot?\nAnswer:", ["ice", "fire", "fog"], 1);
        AssertItem(file.Items[1], "M_2", "Question: Which?\nAnswer:", ["w", "x"], 1);
    }

    [Fact]
    public void Arc_as_hugging_face_has_it_is_read()
    {
        ItemFile file = Read(
            """{"id":"Q_1","question":"Which object?","choices":{"text":["the library","the garden","the key"],"label":["A","B","C"]},"answerKey":"C"}"""
            + "\n" + """{"id":"Q_2","question":"What is ring?","choices":{"text":["lamp","hat"],"label":["1","2"]},"answerKey":"1"}"""
            + "\n" + """{"question":"What?","choices":{"label":[1,2],"text":["lamp","hat"]},"answerKey":2}""");

        Assert.Equal(ItemFormat.ArcJsonLines, file.Format);
        AssertItem(file.Items[0], "Q_1", "Question: Which object?\nAnswer:", ["the library", "the garden", "the key"], 2);
        AssertItem(file.Items[1], "Q_2", "Question: What is ring?\nAnswer:", ["lamp", "hat"], 0);
        AssertItem(file.Items[2], "2", "Question: What?\nAnswer:", ["lamp", "hat"], 1);
    }

    [Theory]
    [InlineData("data/hellaswag_val.jsonl", ItemFormat.AkvJsonLines, 8042)]
    [InlineData("data/arc_challenge_dev.jsonl", ItemFormat.ArcJsonLines, 299)]
    [InlineData("data/arc_challenge_train.jsonl", ItemFormat.ArcJsonLines, 1119)]
    public void The_real_files_load_whole(string file, ItemFormat format, int items)
    {
        ItemFile read = ItemFile.Read(SharedFiles.Require(file));

        Assert.Equal(format, read.Format);
        Assert.Equal(items, read.Items.Count);
    }

    [Fact]
    public void The_micro_models_items_load() => Assert.Equal(1000, ItemFile.Read(Path.Combine(SharedFiles.Micro, "items_validation.jsonl")).Items.Count);

    [Fact]
    public void A_missing_file_is_named()
    {
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => ItemFile.Read(path));

        Assert.Equal($"{path}: no such data file", error.Message);
    }

    [Theory]
    [InlineData("", ": the file is empty: expected JSON lines")]
    [InlineData(" \n\r\n", ": the file is empty: expected JSON lines")]
    [InlineData("PAR1....", ": this is a Parquet file, not text: expected JSON lines")]
    [InlineData("PK\u0003\u0004...", ": this is a zip archive, not text")]
    [InlineData("GGUF...", ": this is a GGUF model, not text")]
    [InlineData("a\0b", ": this is a binary file, not text")]
    [InlineData("Some prose.\nMore of it.\n", ": line 1: unknown data format: expected JSON lines")]
    [InlineData("""{"question": "Janet's ducks", "answer": "18"}""", ": line 1: unknown data format: expected JSON lines")]
    [InlineData("[1, 2]", ": line 1: unknown data format")]
    [InlineData("""{"context": "a", "endings": ["b",""", ": line 1: not a JSON object: ")]
    [InlineData(Own + "\n\n[1]", ": line 3: expected one JSON object per line")]
    [InlineData(Own + "\n" + """{"context": "a", "context": "b"}""", ": line 2: not a JSON object: ")]
    [InlineData("""{"context": "a", "label": 0}""", ": line 1: field 'endings': missing")]
    [InlineData("""{"context": 5, "endings": ["b", "c"], "label": 0}""", ": line 1: field 'context': expected a string, found a number")]
    [InlineData("""{"context": " ", "endings": ["b", "c"], "label": 0}""", ": line 1: field 'context': empty: expected text")]
    [InlineData("""{"context": "\ud800", "endings": ["b", "c"], "label": 0}""", ": line 1: field 'context': half of a surrogate pair")]
    [InlineData("""{"context": "a", "endings": "b", "label": 0}""", ": line 1: field 'endings': expected an array, found a string")]
    [InlineData("""{"context": "a", "endings": ["b", null], "label": 0}""", ": line 1: field 'endings[1]': expected a string, found null")]
    [InlineData("""{"context": "a", "endings": ["b", ""], "label": 0}""", ": line 1: field 'endings[1]': empty: expected text")]
    [InlineData("""{"context": "a", "endings": ["b"], "label": 0}""", ": line 1: field 'endings': one is no choice: expected 2 or more")]
    [InlineData("""{"context": "a", "endings": ["b", "c"]}""", ": line 1: field 'label': missing")]
    [InlineData("""{"context": "a", "endings": ["b", "c"], "label": 2}""", ": line 1: field 'label': 2 is not the number of an ending: expected 0 to 1")]
    [InlineData("""{"context": "a", "endings": ["b", "c"], "label": -1}""", ": line 1: field 'label': -1 is not the number of an ending: expected 0 to 1")]
    [InlineData("""{"context": "a", "endings": ["b", "c"], "label": 1.0}""", ": line 1: field 'label': 1.0 is not the number of an ending")]
    [InlineData("""{"context": "a", "endings": ["b", "c"], "label": true}""", ": line 1: field 'label': expected a string, found a boolean")]
    [InlineData("""{"ctx": "a", "endings": ["b", "[step]"], "label": 0}""", ": line 1: field 'endings[1]': nothing but markup")]
    [InlineData("""{"ctx": "a", "endings": ["b", "c"], "label": ""}""", ": line 1: field 'label': the test split has no labels: use the validation split")]
    [InlineData("""{"ctx": "a", "endings": ["b", "c"], "split": "test"}""", ": line 1: field 'label': the test split has no labels: use the validation split")]
    [InlineData("a\n0\nb\nc\nd\n", ": line 1: the item that starts here has 5 of 6 lines")]
    [InlineData("a\n0\nb\nc\nd\ne\nf\n4\nb\nc\nd\ne", ": line 8: '4' is no label: expected 0 to 3")]
    [InlineData("""{"question":{"stem":"s","choices":[{"text":"x","label":"A"},{"text":"y","label":"B"}]},"answerKey":"C"}""", ": line 1: field 'answerKey': 'C' is the label of no choice: expected one of A, B")]
    [InlineData("""{"question":{"stem":"s","choices":[{"text":"x","label":"A"},{"label":"B"}]},"answerKey":"A"}""", ": line 1: field 'question.choices[1].text': missing")]
    [InlineData("""{"question":{"stem":"s","choices":[3]},"answerKey":"A"}""", ": line 1: field 'question.choices[0]': expected an object, found a number")]
    [InlineData("""{"question":{"stem":"s","choices":[{"text":"x","label":"A"},{"text":"y"}]},"answerKey":"A"}""", ": line 1: field 'question.choices[1].label': missing")]
    [InlineData("""{"question":"s","choices":{"text":["x","y"],"label":["A","B"]},"answerKey":"E"}""", ": line 1: field 'answerKey': 'E' is the label of no choice: expected one of A, B")]
    [InlineData("""{"question":"s","choices":{"text":["x","y"],"label":["A","B"]},"answerKey":""}""", ": line 1: field 'answerKey': missing or empty: a split without answers cannot be scored")]
    [InlineData("""{"question":"s","choices":{"text":["x","y"],"label":["A","B"]}}""", ": line 1: field 'answerKey': missing or empty: a split without answers cannot be scored")]
    [InlineData("""{"question":"s","choices":{"text":["x","y"],"label":["A"]},"answerKey":"A"}""", ": line 1: field 'choices': 2 texts and 1 labels: expected a label for each text")]
    [InlineData("""{"question":"s","choices":{"text":["x","y"],"label":["A","A"]},"answerKey":"A"}""", ": line 1: field 'choices': label 'A' is given twice")]
    [InlineData("""{"question":"s","choices":{"text":["x",""],"label":["A","B"]},"answerKey":"A"}""", ": line 1: field 'choices.text[1]': empty: expected text")]
    [InlineData("""{"question":"s","choices":{"text":["x"],"label":["A"]},"answerKey":"A"}""", ": line 1: field 'choices': one is no choice: expected 2 or more")]
    [InlineData("""{"question":"s","choices":{"text":"x","label":["A"]},"answerKey":"A"}""", ": line 1: field 'choices.text': expected an array, found a string")]
    [InlineData("""{"choices":{"text":["x","y"],"label":["A","B"]},"answerKey":"A"}""", ": line 1: field 'question': missing")]
    [InlineData("""{"ctx_a": "[step]", "ctx_b": "", "endings": ["b", "c"], "label": 0}""", ": line 1: field 'ctx_a': nothing but markup")]
    [InlineData("""{"ctx": "a", "endings": ["b", "c"], "label": null}""", ": line 1: field 'label': the test split has no labels: use the validation split")]
    [InlineData("""{"context": "a", "endings": ["b", "c"], "label": 0, "\ud800": 1}""", ": line 1: not a JSON object: half of a surrogate pair")]
    public void Wrong_content_is_refused_with_file_line_and_field(string content, string message)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Read(content));

        Assert.StartsWith(path + message, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Invalid_utf8_is_refused_with_its_line()
    {
        File.WriteAllBytes(path, [.. Encoding.UTF8.GetBytes(Own), (byte)'\n', 0xC3, 0x28]);

        Assert.StartsWith($"{path}: line 2: not valid UTF-8", Assert.Throws<InvalidDataException>(() => ItemFile.Read(path)).Message);
    }

    [Fact]
    public void A_gzip_archive_is_named()
    {
        File.WriteAllBytes(path, [0x1F, 0x8B, 8, 0]);

        Assert.StartsWith($"{path}: this is a gzip archive", Assert.Throws<InvalidDataException>(() => ItemFile.Read(path)).Message);
    }

    private static void AssertItem(MultipleChoiceItem item, string id, string context, string[] endings, int label)
    {
        Assert.Equal((id, context, label), (item.Id, item.Context, item.Label));
        Assert.Equal(endings, item.Endings);
    }

    private ItemFile Read(string content)
    {
        File.WriteAllText(path, content);
        return ItemFile.Read(path);
    }
}

using System.Text;
using AdaptiveKv.Files;

namespace AdaptiveKv.Unit.Files;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("[1, null, {\"a\": [], \"b\": {\"a\": 1e999}}, {\"a\": 2}]")]
    [InlineData("\"\\ud83d\\ude00\"")]
    public void What_is_sound_has_no_fault(string text) => Assert.Null(JsonText.Find(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("{\"a\": 1, \"b\": {\"a\": 2},\n\"a\": 3}", 2, "a", "occurs twice, first in line 1")]
    [InlineData("[[1], {\"x\": [0, {\"y\": 1, \"y\": 1}]}]", 1, "1.x.1.y", "occurs twice, first in line 1")]
    [InlineData("{\"a\": []", 1, "", "Expected depth to be zero at the end of the JSON payload")]
    [InlineData("{\"a\": 1}\n{}", 2, "", "'{' is invalid after a single JSON value")]
    [InlineData("\n[\"\\ud800\"]", 2, "", "a string holds an unpaired surrogate")]
    [InlineData("\n{\"\\ud800\": 1}", 2, "", "a string holds an unpaired surrogate")]
    public void The_first_fault_is_named_with_its_place(string text, int line, string member, string problem)
    {
        JsonFault fault = JsonText.Find(Encoding.UTF8.GetBytes(text))!;

        Assert.Equal((line, member), (fault.Line, fault.Member));
        Assert.StartsWith(problem, fault.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"a\": [1,\nnull]}", "line 2: member 'a.1': is null")]
    [InlineData("{\"a\": {\"b\": null}, \"c\": -1e999}", "line 1: member 'c': is too large a number")]
    public void Complete_figures_have_no_gaps(string text, string fault)
    {
        Assert.Null(JsonText.Find(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(fault, $"{JsonText.Find(Encoding.UTF8.GetBytes(text), isComplete: true)}");
    }

    [Fact]
    public void Bytes_that_are_no_text_are_a_fault() => Assert.Equal("is not valid UTF-8", JsonText.Find([(byte)'"', 0xFF, (byte)'"'])!.Problem);

    [Fact]
    public void A_byte_order_mark_is_left_out()
    {
        Assert.Equal("{}"u8, JsonText.WithoutMark("\uFEFF{}"u8.ToArray()).Span);
        Assert.Equal("{}"u8, JsonText.WithoutMark("{}"u8.ToArray()).Span);
    }
}
